@refunds @pci-6.2.4 @cwe-840 @asvs-V2.3.5 @wstg-BUSL-10
Feature: Money goes back once, in full view, and never more than came in

  Refunds are the one place where a shop pays out on request. A rounding mistake, a double click or two members of staff
  at once turn into money that is gone, and a refund that the books do not know turns into a wrong tax return.

  @critical @defect-L01 @defect-M07
  Scenario: The whole payment goes back
    Given a shopper who paid 49.99 EUR
    When the operator refunds the whole payment
    Then the order is refunded
    And the provider has 49.99 EUR refunded
    And the books balance and agree with the provider

  @high @defect-L01
  Scenario: A part of the payment goes back, and the order says so
    Given a shopper who paid 100.00 EUR
    When the operator refunds 30.00 EUR
    Then the order is partly refunded
    And the shop counts 30.00 EUR as refunded
    And the provider has 30.00 EUR refunded
    And the books balance and agree with the provider

  @high @defect-W22 @defect-L01
  Scenario: Several parts add up to the whole
    Given a shopper who paid 100.00 EUR
    When the operator refunds 30.00 EUR
    And the operator refunds 50.00 EUR
    And the operator refunds 20.00 EUR
    Then the order is refunded
    And the provider counts 3 refunds
    And the books balance and agree with the provider

  @high @defect-R03 @defect-R04
  Scenario: Two refunds of the same amount, meant as two, are two
    Given a shopper who paid 100.00 EUR
    When the operator refunds 25.00 EUR
    And the operator refunds 25.00 EUR
    Then the order is partly refunded
    And the shop counts 50.00 EUR as refunded
    And the provider has 50.00 EUR refunded

  @critical @defect-M03
  Scenario Outline: An amount that cannot be refunded is refused (<amount>)
    Given a shopper who paid 100.00 EUR
    When the operator refunds <amount>
    Then the answer is a refusal, not an error of the server
    And the order stays paid
    And the provider counts 0 refunds

    Examples:
      | amount      |
      | 100.01 EUR  |
      | 0.00 EUR    |
      | -20.00 EUR  |

  @critical @defect-M03
  Scenario: Refunds together do not exceed the payment
    Given a shopper who paid 100.00 EUR
    When the operator refunds 60.00 EUR
    And the operator refunds 60.00 EUR
    Then the answer is a refusal, not an error of the server
    And the order stays partly refunded
    And the provider has 60.00 EUR refunded

  @critical @defect-M04 @cwe-362 @cwe-367 @asvs-V2.3.4
  Scenario: Refunds at the same moment do not exceed the payment
    Given a shopper who paid 100.00 EUR
    When the operator refunds 60.00 EUR 4 times at once
    Then the order is partly refunded
    And the provider has 60.00 EUR refunded
    And the shop counts 60.00 EUR as refunded
    And the books balance and agree with the provider

  @critical @defect-M05 @defect-R02 @cwe-837 @asvs-V2.3.3
  Scenario: One refund that is asked for twice is made once
    Given a shopper who paid 100.00 EUR
    When the operator refunds 40.00 EUR
    And the operator repeats the same refund
    Then the order is partly refunded
    And the provider has 40.00 EUR refunded
    And the shop counts 40.00 EUR as refunded

  @critical @defect-M05 @cwe-837 @asvs-V2.3.3
  Scenario: One refund that is asked for many times at once is made once
    Given a shopper who paid 100.00 EUR
    When the operator sends the same refund of 40.00 EUR 5 times at once
    Then the order is partly refunded
    And the provider counts 1 refund
    And the shop counts 40.00 EUR as refunded

  @medium @defect-R03
  Scenario: A repeated request that asks for another amount is not taken for the first
    Given a shopper who paid 100.00 EUR
    When the operator refunds 40.00 EUR
    And the operator repeats the same refund with 45.00 EUR
    Then the answer is a refusal, not an error of the server
    And the provider has 40.00 EUR refunded

  @high @defect-M03
  Scenario: What was never paid cannot be refunded
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When the operator refunds 49.99 EUR
    Then the answer is a refusal, not an error of the server
    And the order stays unpaid
    And the provider counts 0 refunds

  @high @defect-R09
  Scenario: What was refunded in full is not refunded again
    Given a shopper who paid 49.99 EUR
    When the operator refunds the whole payment
    And the operator refunds the whole payment
    Then the order stays refunded
    And the provider has 49.99 EUR refunded
    And the books balance and agree with the provider
