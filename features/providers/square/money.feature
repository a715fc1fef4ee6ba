@payments @pci-6.2.4 @cwe-841 @cwe-682 @asvs-V2.3.1 @wstg-BUSL-06
Feature: Square's fees, refunds and disputes take their own time

  Square tells its fee some seconds after the payment, under an event that looks like another payment. Refunds wait
  before they are made or rejected, and versions move on between a look and a change.

  @critical @defect-W23 @simulator-only
  Scenario Outline: A payment that is told twice is one payment (<order>)
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And 1 hours pass
    And the held events arrive in the order <order>
    Then the order is paid
    And the order is fulfilled once
    And the shop counts 49.99 EUR as captured
    And the books balance and agree with the provider

    Examples:
      | order                                |
      | payment succeeded, payment fee told  |
      | payment fee told, payment succeeded  |

  @high @defect-L01 @defect-W17 @simulator-only
  Scenario: The fee that comes late is booked once
    Given a shopper who paid 49.99 EUR
    When 1 hours pass
    And the "payment fee told" event arrives 3 times
    Then the order stays paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-M06 @simulator-only
  Scenario: A refund that the bank rejects was never made, and can be made again
    Given a shopper who paid 49.99 EUR with a card whose refunds take a while
    When the operator refunds 20.00 EUR
    Then the operator sees a pending refund of 20.00 EUR
    When the bank rejects the refund that waits
    Then the operator sees a failed refund of 20.00 EUR
    And the order stays paid
    When the operator refunds 30.00 EUR
    And 10 days pass
    Then the order is partly refunded
    And the provider has 30.00 EUR refunded
    And the books balance and agree with the provider

  @high @defect-M05 @defect-R02 @simulator-only
  Scenario: Whose answer was lost while a refund waits is not refunded twice
    Given a shopper who paid 49.99 EUR with a card whose refunds take a while
    And the next request to refund meets a lost answer
    When the operator refunds 20.00 EUR, trying again if told to
    And 10 days pass
    Then the order is partly refunded
    And the provider counts 1 refund

  @high @defect-D02 @simulator-only
  Scenario: What is disputed is not refunded beside it
    Given a shopper who paid 49.99 EUR
    When the bank disputes 20.00 EUR of the payment as not as described
    And the order is seen as disputed
    And the operator refunds 10.00 EUR
    Then the answer is a refusal, not an error of the server
    And the provider counts 0 refunds

  @high @defect-D01 @defect-M03 @simulator-only
  Scenario: A part that went back before a dispute stays gone back
    Given a shopper who paid 49.99 EUR
    When the operator refunds 10.00 EUR
    And the order is seen as partly refunded
    And the bank disputes 39.99 EUR of the payment as fraudulent
    And the bank decides the dispute for the cardholder
    Then the order is lost
    And the shop counts 10.00 EUR as refunded
    And the books balance and agree with the provider

  @high @defect-R09 @simulator-only
  Scenario Outline: A change that meets a newer version is looked at again and made once (<call>)
    Given a shopper with 100.00 EUR held on their card
    And the next request to <call> meets a conflict of versions
    When the operator captures 60.00 EUR
    Then the order is paid
    And the provider has 60.00 EUR captured
    And the provider counts 1 capture
    And the books balance and agree with the provider

    Examples:
      | call              |
      | capture           |
      | change a payment  |

  @medium @defect-R09 @defect-M09 @simulator-only
  Scenario: Calling off meets a newer version and is made all the same
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    And the next request to call off an order meets a conflict of versions
    When the shopper cancels the order
    Then the order is cancelled
    And the payment at the provider is cancelled

  @high @defect-R06 @defect-R11 @simulator-only
  Scenario: Square that is busy is not hammered
    Given a shopper with an unpaid order of 49.99 EUR
    And every request to start a payment meets too many requests
    When the shopper starts to pay
    Then the provider was asked to start a payment at most 6 times
    And the order stays unpaid

  @high @defect-M02 @simulator-only
  Scenario: After a week a hold is gone, and nothing can be captured
    Given a shopper with 100.00 EUR held on their card
    When 8 days pass
    And the order is seen as cancelled
    And the operator captures the payment
    Then the answer is a refusal, not an error of the server
    And the provider has 0.00 EUR captured
