@resilience @pci-6.2.4 @cwe-755 @cwe-754 @asvs-V16.5.2
Feature: PayPal's own ways to fail

  A token that dies in the middle of the day, a page of a proxy where JSON should be, an answer that never comes: none of
  them says whether the money was taken.

  @high @defect-R08 @simulator-only
  Scenario: A token that PayPal has forgotten is replaced in the middle of the day
    Given a shopper who paid 49.99 EUR
    When the provider forgets the shop's access
    And the operator refunds 10.00 EUR
    Then the order is partly refunded
    And the provider has 10.00 EUR refunded
    And the books balance and agree with the provider

  @critical @defect-R08 @defect-R01 @defect-R09 @simulator-only
  Scenario Outline: Taking the money meets <trouble>, and it is taken once
    Given the next request to complete a payment meets <trouble>
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 capture
    And the books balance and agree with the provider

    Examples:
      | trouble                   |
      | a dropped connection      |
      | a lost answer             |
      | an error of the provider  |
      | a late answer             |
      | a page of a proxy         |

  @high @defect-R08 @simulator-only
  Scenario: A refund that meets the page of a proxy is made once
    Given a shopper who paid 49.99 EUR
    And the next request to refund meets a page of a proxy
    When the operator refunds 10.00 EUR, trying again if told to
    Then the order is partly refunded
    And the provider has 10.00 EUR refunded

  @high @defect-C07
  Scenario Outline: <price> is written as PayPal reads it
    Given a shopper with an unpaid order of <price>
    When the shopper pays with a Visa card
    Then the order is paid
    And the provider was asked for <price>
    And the books balance and agree with the provider

    Examples:
      | price       |
      | 49.99 EUR   |
      | 5000 JPY    |
      | 49.99 USD   |

  @high @defect-R01
  Scenario: Every call that moves money carries an id of its own
    Given a shopper who paid 49.99 EUR
    When the operator refunds 10.00 EUR
    And the operator refunds 5.00 EUR
    Then the order is partly refunded
    And every call that moved money carried a key of its own

  @high @defect-D03 @defect-M07 @simulator-only
  Scenario: A part that PayPal takes back is no longer the shop's
    Given a shopper who paid 49.99 EUR
    And nothing is under way any more
    When 10.00 EUR of the payment are taken back by the provider
    Then the order is partly refunded
    And the books balance and agree with the provider
